-- What is asked of running programs: to stop, to save a checkpoint. Read when a run's state is (the answers to its batches and heartbeats carry what
-- is open), by the run's page, and whenever a run ends or is taken up again, since nobody answers then any more.

CREATE TABLE command (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('stop', 'checkpoint')),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'refused', 'expired')),
    asked_ms    INTEGER NOT NULL,
    asked_by    TEXT,                                   -- the key's name; nobody's on a server without keys
    taken_ms    INTEGER,
    ended_ms    INTEGER,
    step        INTEGER,
    message     TEXT
) STRICT;

CREATE INDEX command_by_run ON command (run_id, id);

-- Of each kind at most one is open.
CREATE UNIQUE INDEX command_open ON command (run_id, kind) WHERE state IN ('waiting', 'taken');

-- What the running program listens to, as a JSON array of kinds; NULL if it does not say so.
ALTER TABLE run ADD COLUMN listens TEXT;
