-- Runs are put away: archived, or in the bin until they are deleted for ever; lists leave both out unless they are asked for. A run that
-- moves to another project and back has its number and colour there again. Read by every list of runs, and by what empties the bin.
ALTER TABLE run ADD COLUMN archived_ms INTEGER;
ALTER TABLE run ADD COLUMN binned_ms INTEGER;

DROP INDEX run_by_project_created;
CREATE INDEX run_by_project_created ON run (project_id, created_ms, id, deleted_ms, archived_ms, binned_ms);

-- The few that lists leave out.
CREATE INDEX run_hidden ON run (project_id, binned_ms) WHERE archived_ms IS NOT NULL OR binned_ms IS NOT NULL OR deleted_ms IS NOT NULL;

-- What a run was in a project that it left. Numbers are never given twice, so they are still its own when it comes back.
CREATE TABLE former_place (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    color       INTEGER NOT NULL,
    PRIMARY KEY (run_id, project_id)
) STRICT, WITHOUT ROWID;
