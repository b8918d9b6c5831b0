-- Which histograms each run has, and how far each reaches: kept with every histogram in its transaction, so that lists of names, and choosing steps
-- evenly, need not read the histograms. What a later attempt hides does not count. Read by the lists of a run and of a project, and by the
-- pictures of several runs.
CREATE TABLE histogram_series (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    steps       INTEGER NOT NULL CHECK (steps >= 0),    -- how many have one
    first_step  INTEGER NOT NULL,
    last_step   INTEGER NOT NULL,
    last_us     INTEGER NOT NULL,                       -- the latest time that was logged
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

INSERT INTO histogram_series (run_id, name, steps, first_step, last_step, last_us)
SELECT run_id, name, COUNT(DISTINCT step), MIN(step), MAX(step), MAX(time_us)
FROM histogram
WHERE NOT EXISTS (
    SELECT 1 FROM attempt WHERE attempt.run_id = histogram.run_id AND attempt.number > histogram.attempt AND attempt.resume_step <= histogram.step
)
GROUP BY run_id, name;
