// Preloaded into a program, this adds SYNC_DELAY_US microseconds to each fsync and fdatasync.
