import TrackModel

/// The values that a program has declared, what the server knows of them, and the changes that wait for the program. Guarded by the desk's lock.
struct ValueTable {
    typealias Listener = @Sendable (RunCommand) -> Void
    /// A change that the program is to be told of.
    struct Call { var command: CommandRecord, listener: Listener }
    /// What is to be done with a change that has arrived.
    enum Reception { case taken(Listener), refused(String), foreign }

    private(set) var values: [DeclaredValue] = []
    private var listeners: [String: Listener] = [:]
    private var withdrawn: Set<String> = []
    private var told: [DeclaredValue] = []
    /// In the order in which they came: the next is told when the listener has returned from the one before.
    private var calls: [Call] = []
    private var isCalling = false

    mutating func declare(_ declared: DeclaredValue, _ listener: @escaping Listener) {
        if let place = place(of: declared.name) { values[place] = declared } else { values.append(declared) }
        listeners[declared.name] = listener
        withdrawn.remove(declared.name)
    }

    /// Notes what a value is now.
    /// - Returns: Whether it is declared.
    @discardableResult
    mutating func note(_ value: JSONValue, of name: String) -> Bool {
        guard let place = place(of: name) else { return false }
        values[place].value = value.plain
        return true
    }

    mutating func withdraw(_ name: String) {
        guard let place = place(of: name) else { return }
        values.remove(at: place)
        listeners[name] = nil
        withdrawn.insert(name)
    }

    /// The server took this for the value when it heard that the change was made.
    mutating func wasChanged(_ name: String, to value: JSONValue) {
        note(value, of: name)
        if let place = told.firstIndex(where: { $0.name == name }) { told[place].value = value }
    }

    private func place(of name: String) -> Int? { values.firstIndex { $0.name == name } }

    // MARK: What the server is told

    /// The server does not know a value, or what it may become.
    var isNews: Bool {
        values.count != told.count || zip(values, told).contains { value, told in
            (value.name, value.min, value.max) != (told.name, told.min, told.max) || value.integer != told.integer || value.choices != told.choices
        }
    }
    /// The program has changed a value by itself: that can wait for a while.
    var hasDrifted: Bool { values != told }

    mutating func wereTold(_ values: [DeclaredValue]) { told = values }

    // MARK: Changes

    /// A value that this program never declared may be another process's of the run.
    func receive(_ command: CommandRecord) -> Reception {
        guard let name = command.name, let value = command.value else { return .foreign }
        guard let place = place(of: name), let listener = listeners[name] else {
            return withdrawn.contains(name) ? .refused("The program no longer lets \(name) be changed.") : .foreign
        }
        if let reason = values[place].objection(to: value) { return .refused("\(name) cannot become \(value.words): \(reason).") }
        return .taken(listener)
    }

    /// - Returns: Whether somebody has to begin calling.
    mutating func enqueue(_ command: CommandRecord, _ listener: @escaping Listener) -> Bool {
        calls.append(Call(command: command, listener: listener))
        defer { isCalling = true }
        return !isCalling
    }

    /// The next call; after `nil` nobody calls any more.
    mutating func nextCall() -> Call? {
        isCalling = !calls.isEmpty
        return calls.isEmpty ? nil : calls.removeFirst()
    }
}
