import TrackStore

extension MetricsText {
    /// What the store has done since the server started, and what waits to be folded.
    mutating func add(_ store: StoreCounters.Values) {
        // One batch a commit is a quiet server, many a busy one.
        add("track_store_commit_batches", "Batches that one commit took.", edges: StoreCounters.groupSizes, counts: store.commitsBySize, sum: store.batches)
        add("track_store_tail_rows", "gauge", "Acknowledged rows that are not folded yet.", store.tailRows)
        add("track_store_tail_batches", "gauge", "Acknowledged batches that are not folded yet.", store.tailBatches)
        add("track_store_folding_paused", "gauge", "1 while folding is paused.", store.isFoldingPaused ? 1 : 0)
        add("track_store_folds_total", "counter", "Folds of batches into chunks.", store.folds)
        add("track_store_fold_failures_total", "counter", "Folds that failed; damaged batches stay as they are.", store.foldFailures)
        add("track_store_folded_rows_total", "counter", "Rows folded into chunks.", store.foldedRows)
        add("track_store_folded_points_total", "counter", "Points folded into chunks.", store.foldedPoints)
        add("track_store_fold_seconds_total", "counter", "Time spent folding.", store.foldSeconds)
        add("track_store_checkpoints_total", "counter", "Times the database's log was moved into its file.", store.checkpoints)
        add("track_store_damaged_reads_total", "counter", "Reads that met damaged bytes.", store.damagedBlobs)
        add("track_store_expired_runs_total", "counter", "Runs that lay in the bin for long enough.", store.expiredRuns)
        add("track_store_expired_bytes_total", "counter", "Bytes that were freed with them.", store.expiredBytes)
    }
}
