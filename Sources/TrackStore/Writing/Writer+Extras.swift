import GRDB
import TrackModel

extension Writer {
    /// The parts beside the rows, checked; `nil` when there are none.
    func checkedExtras(_ batch: EncodedBatch) throws -> BatchExtras? {
        guard batch.hasExtras else { return nil }
        let extras: BatchExtras
        do { extras = try batch.extras() } catch { throw StoreError.invalidBatch("\(error)") }
        for value in [extras.config, extras.summary] {
            if let depth = value?.depth, depth > options.limits.nesting { throw StoreError.nestingTooDeep(given: depth, limit: options.limits.nesting) }
            if let value, case .object = value { continue } else if value != nil { throw StoreError.invalidBatch("Config and summary are objects of names and values.") }
        }
        for histogram in extras.histograms ?? [] {
            if let reason = histogram.defect(bins: options.limits.histogramBins) {
                throw StoreError.invalidBatch("Histogram \"\(histogram.name.prefix(80))\" at step \(histogram.step) cannot be used: \(reason).")
            }
        }
        for media in extras.media ?? [] {
            if let reason = media.defect { throw StoreError.invalidBatch("Media \"\(media.name.prefix(80))\" at step \(media.step) cannot be used: \(reason).") }
        }
        return extras
    }

    func store(_ extras: BatchExtras, of batch: EncodedBatch, in state: LiveRun, _ db: Database) throws {
        if let config = extras.config { try merge(config, .config, into: state.row, project: state.projectRow, db) }
        if let summary = extras.summary { try merge(summary, .summary, into: state.row, project: state.projectRow, db) }
        for definition in extras.definitions ?? [] { try store(definition, in: state, db) }
        if let media = extras.media, !media.isEmpty { try store(media, attempt: batch.attempt, in: state, db) }
        if let histograms = extras.histograms, !histograms.isEmpty { try store(histograms, attempt: batch.attempt, in: state, db) }
        if let lines = extras.logs, !lines.isEmpty { try store(lines, in: state, db) }
        if let events = extras.events, !events.isEmpty { try store(events, in: state, db) }
    }

    private func store(_ definition: MetricDefinition, in state: LiveRun, _ db: Database) throws {
        try db.execute(sql: """
            INSERT INTO metric_definition (project_id, run_id, metric, goal, summary, step_metric)
            VALUES (:project, :run, :metric, :goal, :summary, :step)
            ON CONFLICT DO UPDATE SET goal = excluded.goal, summary = excluded.summary, step_metric = excluded.step_metric
            """, arguments: ["project": state.projectRow, "run": state.row, "metric": definition.metric, "goal": definition.goal?.rawValue,
                             "summary": definition.summary?.rawValue, "step": definition.step])
    }

    private func store(_ media: [MediaReference], attempt: Int, in state: LiveRun, _ db: Database) throws {
        for media in media {
            try db.execute(sql: """
                INSERT INTO media (run_id, name, step, attempt, time_us, kind, digest, size, content_type, caption)
                VALUES (:run, :name, :step, :attempt, :time, :kind, :digest, :size, :type, :caption)
                """, arguments: ["run": state.row, "name": media.name, "step": media.step, "attempt": attempt, "time": media.time, "kind": media.kind,
                                 "digest": media.digest, "size": media.size, "type": media.contentType, "caption": media.caption])
        }
        group.changes.append(.media(project: state.project, run: state.id, names: Array(Set(media.map(\.name))).sorted()))
    }

    private func store(_ histograms: [HistogramRecord], attempt: Int, in state: LiveRun, _ db: Database) throws {
        for histogram in histograms { try HistogramSeries.keep(histogram, run: state.row, attempt: attempt, db) }
        group.changes.append(.histograms(project: state.project, run: state.id, names: Array(Set(histograms.map(\.name))).sorted()))
    }

    private func store(_ lines: [LogLine], in state: LiveRun, _ db: Database) throws {
        for line in lines {
            try db.execute(sql: "INSERT INTO log_line (run_id, number, time_us, stream, text) VALUES (:run, :number, :time, :stream, :text)",
                           arguments: ["run": state.row, "number": state.logLines, "time": line.time, "stream": line.stream, "text": line.text])
            state.logLines += 1
        }
        try db.execute(sql: "UPDATE run SET log_lines = :lines WHERE id = :run", arguments: ["lines": state.logLines, "run": state.row])
        group.changes.append(.logs(project: state.project, run: state.id, total: state.logLines))
    }

    func store(_ events: [RunEvent], in state: LiveRun, _ db: Database) throws {
        for event in events {
            try db.execute(sql: """
                INSERT INTO event (run_id, step, time_us, kind, title, text, level)
                VALUES (:run, :step, :time, :kind, :title, :text, :level)
                """, arguments: ["run": state.row, "step": event.step, "time": event.time, "kind": event.kind, "title": event.title,
                                 "text": event.text, "level": event.level])
        }
        group.changes.append(.events(project: state.project, run: state.id, events))
    }
}

extension HistogramRecord {
    /// Why it cannot be drawn, as half a sentence; `nil` if it can.
    func defect(bins limit: Int) -> String? {
        if name.isEmpty || name.utf8.count > 500 { return "its name has \(name.utf8.count) bytes, 1 … 500 are allowed" }
        if counts.isEmpty || counts.count > limit { return "it has \(counts.count) bins, 1 … \(limit) are allowed" }
        if edges.count != counts.count + 1 { return "it has \(edges.count) edges for \(counts.count) bins, one more than bins is needed" }
        if !zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) { return "its edges do not ascend" }
        return edges.allSatisfy(\.isFinite) ? nil : "an edge is not finite"
    }
}
