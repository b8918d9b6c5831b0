import GRDB
import TrackModel

/// What is asked of running programs. The open commands of a run are at hand in its state, so that the answer to a batch costs nothing more.
extension Writer {
    /// Asks once: while a command of this kind is open, it is the answer.
    /// - Returns: The command, and whether it is new.
    func ask(_ id: RunID, for kind: CommandKind, by name: String?, _ db: Database) throws -> (command: CommandRecord, isNew: Bool) {
        let state = try state(of: id, db)
        if let open = state.commands.first(where: { $0.kind == kind }) { return (open, false) }
        let run = try RunRecords(isBrief: true).fetch(id, db)
        guard run.state == .running else { throw StoreError.notRunning(id, state: run.state) }
        guard run.listens?.contains(kind) ?? false else { throw StoreError.notListening(id, kind: kind) }
        let now = milliseconds()
        try db.execute(sql: "INSERT INTO command (run_id, kind, state, asked_ms, asked_by) VALUES (:run, :kind, 'waiting', :now, :by)",
                       arguments: ["run": state.row, "kind": kind.rawValue, "now": now, "by": name])
        let command = CommandRecord(id: db.lastInsertedRowID, run: id, kind: kind, askedAt: now, by: name)
        change(state, to: state.commands + [command], telling: [command])
        return (command, true)
    }

    /// Takes the program's answer; the same answer twice changes nothing.
    func answer(_ number: Int64, of id: RunID, _ answer: CommandAnswer, _ db: Database) throws -> CommandRecord {
        let state = try state(of: id, db)
        guard var command = try CommandTable.one(number, of: state.row, run: id, db) else { throw StoreError.unknownCommand("\(number)", run: id) }
        if command.state == answer.state { return command }
        // What was taken for superseded may have been on its way to the program: its word counts.
        guard command.state.isOpen || command.state == .superseded else { throw StoreError.commandEnded(number, state: command.state) }
        let now = milliseconds()
        if answer.state == .done, let name = command.name, let value = command.value { command.old = try change(name, to: value, of: state, db) ?? command.old }
        command.state = answer.state
        command.takenAt = command.takenAt ?? now
        command.endedAt = nil
        if !answer.state.isOpen { (command.endedAt, command.step, command.message) = (now, answer.step ?? state.lastStep, answer.message) }
        try db.execute(sql: """
            UPDATE command
            SET state = :state, taken_ms = :taken, ended_ms = :ended, step = :step, message = :message, old_value = :old
            WHERE id = :id
            """, arguments: ["state": command.state.rawValue, "taken": command.takenAt, "ended": command.endedAt, "step": command.step,
                             "message": command.message, "old": command.old.map(JSONText.encode), "id": number])
        if command.state == .done { try store([command.event], in: state, db) }
        let open = state.commands.filter { $0.id != number } + (command.state.isOpen ? [command] : [])
        change(state, to: open.sorted { $0.id < $1.id }, telling: [command])
        return command
    }

    /// Nobody answers any more: the run has ended, or another process has it.
    func expireCommands(of state: LiveRun, _ db: Database) throws {
        if state.commands.isEmpty { return }
        let now = milliseconds()
        try db.execute(sql: "UPDATE command SET state = 'expired', ended_ms = :now WHERE run_id = :run AND \(CommandTable.isOpen)",
                       arguments: ["now": now, "run": state.row])
        change(state, to: [], telling: state.commands.map { command in
            var command = command
            (command.state, command.endedAt) = (.expired, now)
            return command
        })
    }

    /// What the program of the latest attempt listens to, from now on.
    func listen(_ id: RunID, to kinds: [CommandKind], _ db: Database) throws {
        let words = kinds.isEmpty ? nil : JSONText.encode(CommandKind.allCases.filter(kinds.contains).map(\.rawValue))
        try db.execute(sql: "UPDATE run SET listens = :words, version = version + 1 WHERE code = :code AND state = 'running' AND listens IS NOT :words",
                       arguments: ["words": words, "code": id.text])
        if db.changesCount > 0 { try tellOf(id, db) }
    }

    /// The state is ahead of what is committed: should this change still fail, states are read again.
    func change(_ state: LiveRun, to open: [CommandRecord], telling changed: [CommandRecord]) {
        flushedInChange = true
        state.commands = open
        group.changes += changed.map { .command(project: state.project, $0) }
    }
}

extension CommandRecord {
    /// The mark on charts.
    fileprivate var event: RunEvent {
        let title = switch kind {
        case .stop: "Stop asked for"
        case .checkpoint: "Checkpoint saved"
        case .set: "\(name ?? "—") \(old?.words ?? "—") → \(value?.words ?? "—")"
        }
        let text = [by.map { "Asked for by \($0)." }, message].compactMap(\.self).joined(separator: " ")
        return RunEvent(step: step, time: (endedAt ?? askedAt) * 1_000, kind: kind.rawValue, title: title, text: text.isEmpty ? nil : text)
    }
}
