import Synchronization
import TrackStore

/// Writes counters in the text format of Prometheus (version 0.0.4).
struct MetricsText {
    private(set) var text = ""

    /// One family without labels.
    mutating func add(_ name: String, _ kind: String, _ help: String, _ value: some Numeric) {
        add(name, kind, help, [("", value)])
    }

    /// One family, each sample with its labels as they stand between braces.
    mutating func add<Value: Numeric>(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: Value)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for sample in samples { text += "\(name)\(sample.labels.isEmpty ? "" : "{\(sample.labels)}") \(sample.value)\n" }
    }

    /// One histogram: how many of the observations were at most each edge, the last count for all beyond.
    mutating func add(_ name: String, _ help: String, edges: [Int], counts: [Int], sum: Int) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        var total = 0
        for (edge, count) in zip(edges.map { "\($0)" } + ["+Inf"], counts) {
            total += count
            text += "\(name)_bucket{le=\"\(edge)\"} \(total)\n"
        }
        text += "\(name)_sum \(sum)\n\(name)_count \(total)\n"
    }

    /// All that the server knows of itself.
    static func make(
        counters: Counters, store: StoreCounters.Values, health: HealthMonitor.Counters?, listeners: Int, startedAt: Int64, version: String
    ) -> String {
        var metrics = MetricsText()
        metrics.add("track_info", "gauge", "The server's version.", [("version=\"\(version)\"", 1)])
        metrics.add("track_start_time_seconds", "gauge", "When the server started, in seconds since 1970.", Double(startedAt) / 1_000)
        metrics.add("track_http_requests_total", "counter", "Answered requests by route and status.", counters.all.flatMap { route in
            route.counts.map { ("method=\"\(route.method)\",route=\"\(route.route)\",status=\"\($0.status)\"", $0.count) }
        })
        metrics.add("track_ingest_batches_total", "counter", "Acknowledged batches.", counters.batches.load(ordering: .relaxed))
        metrics.add("track_ingest_duplicate_batches_total", "counter", "Batches that had been stored before.", counters.duplicateBatches.load(ordering: .relaxed))
        metrics.add("track_ingest_rows_total", "counter", "Stored rows.", counters.rows.load(ordering: .relaxed))
        metrics.add("track_ingest_points_total", "counter", "Stored points.", counters.points.load(ordering: .relaxed))
        metrics.add("track_ingest_bytes_total", "counter", "Bytes of received batches, decompressed.", counters.ingestBytes.load(ordering: .relaxed))
        metrics.add(store)
        if let health { metrics.add(health) }
        metrics.add("track_event_listeners", "gauge", "Open streams of live events.", listeners)
        metrics.add("process_resident_memory_bytes", "gauge", "Memory held.", ProcessFacts.residentBytes)
        metrics.add("process_open_fds", "gauge", "Open file descriptors.", ProcessFacts.openDescriptors)
        metrics.add("process_cpu_seconds_total", "counter", "Processor time used.", ProcessFacts.processorSeconds)
        return metrics.text
    }
}
