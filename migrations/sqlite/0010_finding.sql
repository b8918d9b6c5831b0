-- What rules find in runs while their points arrive. Read by the health tab, by lists of runs and by filters (`health:nan`).

CREATE TABLE finding (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    metric      TEXT    NOT NULL,                       -- empty: it concerns the whole run
    severity    TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    first_step  INTEGER,
    last_step   INTEGER,
    numbers     TEXT    NOT NULL,                       -- what the rule used: [[name, value], …]
    found_ms    INTEGER NOT NULL,                       -- when it was seen first
    PRIMARY KEY (run_id, kind, metric)
) STRICT, WITHOUT ROWID;

-- How far each run has been looked at. A run that differs from its row is looked at again.
CREATE TABLE examination (
    run_id      INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    batch       INTEGER NOT NULL,                       -- every batch up to this one
    state       TEXT    NOT NULL                        -- the run's state then
) STRICT;

-- What nobody wants to hear of, in one run or in all runs of a project. An empty metric stands for every metric.
CREATE TABLE run_mute (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    metric      TEXT    NOT NULL,
    PRIMARY KEY (run_id, kind, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_mute (
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL,
    metric      TEXT    NOT NULL,
    PRIMARY KEY (project_id, kind, metric)
) STRICT, WITHOUT ROWID;

-- The greatest severity of what is not muted, beside the counts in `findings`: lists show both without looking into `finding`.
ALTER TABLE run ADD COLUMN health TEXT CHECK (health IN ('info', 'warning', 'error'));

-- Whoever asks which running runs give no sign of life looks at those only.
CREATE INDEX run_running ON run (id) WHERE state = 'running';
