import GRDB
import TrackModel

/// Values that running programs have declared: they stand in the run's row, and what is asked of them among its commands.
extension Writer {
    /// Asks for a change. Of those that the program has not yet heard of the last one counts; one that it has stays before this one.
    /// - Returns: The command, and whether it is new: the same change, while it waits, is asked for once.
    func ask(_ id: RunID, toSet name: String, to value: JSONValue, by key: String?, _ db: Database) throws -> (command: CommandRecord, isNew: Bool) {
        let state = try state(of: id, db), run = try RunRecords(isBrief: true).fetch(id, db)
        guard run.state == .running else { throw StoreError.notRunning(id, state: run.state) }
        guard let declared = run.declared?.first(where: { $0.name == name }) else {
            throw StoreError.undeclaredValue(name, run: id, declared: run.declared?.map(\.name) ?? [])
        }
        if let reason = declared.objection(to: value) { throw StoreError.unacceptableValue(name: name, value: value.words, reason: reason) }
        let waiting = state.commands.filter { $0.name == name && $0.state == .waiting }
        if let same = waiting.last, same.value == value { return (same, false) }
        let now = milliseconds()
        try db.execute(sql: """
            INSERT INTO command (run_id, kind, state, asked_ms, asked_by, name, value, old_value)
            VALUES (:run, 'set', 'waiting', :now, :by, :name, :value, :old)
            """, arguments: ["run": state.row, "now": now, "by": key, "name": name, "value": JSONText.encode(value), "old": JSONText.encode(declared.value)])
        let command = CommandRecord(id: db.lastInsertedRowID, run: id, kind: .set, askedAt: now, by: key, name: name, value: value, old: declared.value)
        let superseded = try supersede(waiting, at: now, db)
        change(state, to: state.commands.filter { open in !waiting.contains { $0.id == open.id } } + [command], telling: superseded + [command])
        return (command, true)
    }

    private func supersede(_ waiting: [CommandRecord], at now: Int64, _ db: Database) throws -> [CommandRecord] {
        try waiting.map { command in
            try db.execute(sql: "UPDATE command SET state = 'superseded', ended_ms = :now WHERE id = :id", arguments: ["now": now, "id": command.id])
            var command = command
            (command.state, command.endedAt) = (.superseded, now)
            return command
        }
    }

    /// What the program of the latest attempt lets others change, from now on.
    func declare(_ id: RunID, _ values: [DeclaredValue], _ db: Database) throws {
        let text = values.isEmpty ? nil : JSONText.encode(values)
        try db.execute(sql: "UPDATE run SET declared = :text, version = version + 1 WHERE code = :code AND state = 'running' AND declared IS NOT :text",
                       arguments: ["text": text, "code": id.text])
        if db.changesCount > 0 { try tellOf(id, db) }
    }

    /// Notes that the program has changed a value.
    /// - Returns: What it was before; `nil` if the program has said so already, or declares it no more.
    func change(_ name: String, to value: JSONValue, of state: LiveRun, _ db: Database) throws -> JSONValue? {
        guard var values = try RunRecords(isBrief: true).fetch(state.id, db).declared, let place = values.firstIndex(where: { $0.name == name }),
              values[place].value != value else { return nil }
        let old = values[place].value
        values[place].value = value
        try declare(state.id, values, db)
        return old
    }
}
