-- Stored files and where runs come from. Files lie in the folder blobs, named by their digest; these tables say which there are, read by
-- the media list, by quotas and by whoever clears away what nobody refers to.

CREATE TABLE blob (
    digest      TEXT    PRIMARY KEY,                    -- SHA-256, 64 lower-case hexadecimal digits
    size        INTEGER NOT NULL CHECK (size >= 0),
    touched_ms  INTEGER NOT NULL                        -- last sent: what is young may still be waiting for its reference
) STRICT, WITHOUT ROWID;

-- Points of older attempts at later steps are hidden when a run is resumed; so are its media.
ALTER TABLE media ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;

CREATE INDEX media_by_step ON media (run_id, step, id);
CREATE INDEX media_by_digest ON media (digest);

-- Host, command, git, packages: one JSON object, as the client told it.
ALTER TABLE attempt ADD COLUMN environment TEXT;
