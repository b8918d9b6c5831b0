-- A deleted run vanishes at once and gives its space back in portions; this mark lets a restarted server go on.
ALTER TABLE run ADD COLUMN deleted_ms INTEGER;
