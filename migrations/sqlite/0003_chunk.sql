-- What batches are folded into: row groups with one chunk for each metric, and a pyramid above. Read by every chart.

-- Consecutive rows of one attempt; within an attempt no two groups touch the same steps.
CREATE TABLE row_group (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    attempt     INTEGER NOT NULL,
    first_step  INTEGER NOT NULL,
    last_step   INTEGER NOT NULL,
    row_count   INTEGER NOT NULL,
    steps       BLOB    NOT NULL,                       -- docs/formats/chunk.md
    times       BLOB    NOT NULL
) STRICT;

CREATE INDEX row_group_by_run ON row_group (run_id, attempt, first_step);

-- One metric's values in a group. The small parts come first: reading them leaves the values on disk.
CREATE TABLE chunk (
    id          INTEGER PRIMARY KEY,
    group_id    INTEGER NOT NULL REFERENCES row_group (id) ON DELETE CASCADE,
    metric_id   INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
    points      INTEGER NOT NULL,
    presence    BLOB    NOT NULL,                       -- empty: every row has a value
    records     BLOB    NOT NULL,                       -- 64 points each; empty: at most 64 points
    data        BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX chunk_by_group ON chunk (group_id, metric_id);
CREATE INDEX chunk_by_metric ON chunk (metric_id);      -- for deletion

-- A chart of a long series reads these only: up to 32 chunks a page, one record for 1 024 points (docs/formats/pyramid.md).
CREATE TABLE pyramid (
    metric_id   INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
    attempt     INTEGER NOT NULL,
    first_step  INTEGER NOT NULL,
    last_step   INTEGER NOT NULL,
    chunks      INTEGER NOT NULL,
    entries     BLOB    NOT NULL,
    PRIMARY KEY (metric_id, attempt, first_step)
) STRICT, WITHOUT ROWID;

-- The last batch that brought late or repeated steps: answers made before it cannot be continued.
ALTER TABLE run ADD COLUMN disturbed_batch INTEGER NOT NULL DEFAULT 0;
