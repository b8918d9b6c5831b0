-- History: points arrive as batches and are read as pictures. docs/formats/chunk.md draws the blobs.

-- One row a batch, its bytes as received: cheap and durable. Without an index beside the key, so that a commit writes nothing but the
-- batches themselves; the server keeps in memory which run has which, from one scan at its start.
CREATE TABLE batch (
    id          INTEGER PRIMARY KEY,                    -- grows for ever: marks in run compare with it
    run_id      INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    writer      TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    row_count   INTEGER NOT NULL,
    point_count INTEGER NOT NULL,
    checksum    INTEGER NOT NULL,                       -- CRC-32 of bytes
    bytes       BLOB    NOT NULL                        -- docs/formats/batch.md
) STRICT;
