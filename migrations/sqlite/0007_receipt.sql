-- What each writer's rows came to, and what the writer said of its delivery: `track verify RUN` compares both with the spool.
ALTER TABLE writer ADD COLUMN row_count INTEGER;        -- NULL: it wrote before this was counted
ALTER TABLE writer ADD COLUMN point_count INTEGER;

CREATE TABLE receipt (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    writer      TEXT    NOT NULL,
    report      TEXT    NOT NULL,                       -- as the client gave it
    updated_ms  INTEGER NOT NULL,
    PRIMARY KEY (run_id, writer)
) STRICT, WITHOUT ROWID;
