-- Running programs declare values that can be changed from outside: what is asked of them holds a name and a value, and may be superseded before it is
-- heard. Read where commands are, and with each run's record. What a table's CHECK allows cannot be changed in place, so it is written anew.

CREATE TABLE command_with_values (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('stop', 'checkpoint', 'set')),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'refused', 'expired', 'superseded')),
    asked_ms    INTEGER NOT NULL,
    asked_by    TEXT,                                   -- the key's name; nobody's on a server without keys
    taken_ms    INTEGER,
    ended_ms    INTEGER,
    step        INTEGER,
    message     TEXT,
    name        TEXT    CHECK ((name IS NOT NULL) = (kind = 'set')),
    value       TEXT    CHECK ((value IS NOT NULL) = (kind = 'set')),       -- JSON
    old_value   TEXT                                    -- JSON; what it was
) STRICT;

INSERT INTO command_with_values (id, run_id, kind, state, asked_ms, asked_by, taken_ms, ended_ms, step, message)
SELECT id, run_id, kind, state, asked_ms, asked_by, taken_ms, ended_ms, step, message
FROM command;

DROP TABLE command;
ALTER TABLE command_with_values RENAME TO command;

CREATE INDEX command_by_run ON command (run_id, id);

-- The few that the answers to batches and heartbeats carry.
CREATE INDEX command_open ON command (run_id, id) WHERE state IN ('waiting', 'taken');

-- Of stops and checkpoints at most one of each is open.
CREATE UNIQUE INDEX command_once ON command (run_id, kind) WHERE state IN ('waiting', 'taken') AND kind <> 'set';

-- The values that the running program has declared, as a JSON array; NULL if it declares none.
ALTER TABLE run ADD COLUMN declared TEXT;
