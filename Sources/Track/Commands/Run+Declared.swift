public import TrackModel

extension Run {
    /// Lets a number be changed from the run's page while the program runs, within bounds.
    ///
    /// ```swift
    /// let rate = Mutex(0.01)
    /// run.declare("learning_rate", value: 0.01, in: 1e-6...0.1) { new in rate.withLock { $0 = new } }
    /// ```
    /// `apply` is called on a thread of its own, for one change after the other in the order in which they were asked for. When it returns the change is done:
    /// the page shows the new value, and charts have a mark with the old and the new one at the greatest step so far. If it throws, the change is refused, and the
    /// page says why. A change comes as a command does, see ``onCommand(_:_:)``; of several that have not reached the program only the last one does.
    /// - Parameters:
    ///   - name: 1 to 100 bytes; declared again, it takes the place of the declaration before.
    ///   - value: What it is now.
    ///   - range: What it may become; the server and the client refuse everything else. Of a type for whole numbers, it takes only these.
    public func declare<Value: ConfigValue & Comparable & Numeric & Sendable>(
        _ name: String, value: Value, in range: ClosedRange<Value>, _ apply: @escaping @Sendable (Value) throws -> Void
    ) {
        func number(_ value: Value) -> Double { value.jsonValue.doubleValue ?? .nan }
        var declared = DeclaredValue(name, value: number(value), in: number(range.lowerBound)...number(range.upperBound))
        if Value.self is any BinaryInteger.Type { declared.integer = true }
        declare(declared) { $0.settle(apply) }
    }

    /// Lets a value be changed from the run's page while the program runs, to one of several: words, numbers, or true and false.
    /// - Parameter choices: At most 64.
    public func declare<Value: ConfigValue & Equatable & Sendable>(
        _ name: String, value: Value, of choices: [Value], _ apply: @escaping @Sendable (Value) throws -> Void
    ) {
        declare(DeclaredValue(name, value: value.jsonValue, of: choices.map(\.jsonValue))) { $0.settle(apply) }
    }

    /// Lets a value be changed from the run's page, and answers when it suits: between two steps, say.
    /// - Parameter listener: Is given the ``RunCommand/name`` and the new ``RunCommand/value``, on a thread of its own, and answers with ``RunCommand/done(step:_:)``
    ///   or ``RunCommand/refuse(_:)``, then or later.
    public func declare(_ declared: DeclaredValue, _ listener: @escaping @Sendable (RunCommand) -> Void) {
        if let flaw = commands.declare(declared, listener) { notices.say("The value \"\(declared.name)\" cannot be declared: \(flaw). Nobody can change it.") }
    }

    /// Says what a declared value is now that the program has changed by itself; the page hears of it within some seconds. Nothing happens if it is not declared.
    /// - Complexity: O(declared values); no I/O on the caller's thread.
    public func redeclare<Value: ConfigValue>(_ name: String, value: Value) { commands.redeclare(name, value.jsonValue) }

    /// Takes a declaration back: nobody can change the value any more.
    public func undeclare(_ name: String) { commands.undeclare(name) }
}

extension RunCommand {
    /// Makes a change, and answers.
    fileprivate func settle<Value: ConfigValue>(_ apply: (Value) throws -> Void) {
        guard let value = value.flatMap(Value.init(jsonValue:)) else { return refuse("The program cannot read \(value?.words ?? "it") as \(Value.self).") }
        do {
            try apply(value)
            done()
        } catch {
            refuse("\(error)")
        }
    }
}

extension Tracker {
    /// See ``Run/declare(_:value:in:_:)``.
    public func declare<Value: ConfigValue & Comparable & Numeric & Sendable>(
        _ name: String, value: Value, in range: ClosedRange<Value>, _ apply: @escaping @Sendable (Value) throws -> Void
    ) { run?.declare(name, value: value, in: range, apply) }

    /// See ``Run/declare(_:value:of:_:)``.
    public func declare<Value: ConfigValue & Equatable & Sendable>(
        _ name: String, value: Value, of choices: [Value], _ apply: @escaping @Sendable (Value) throws -> Void
    ) { run?.declare(name, value: value, of: choices, apply) }

    /// See ``Run/declare(_:_:)``.
    public func declare(_ declared: DeclaredValue, _ listener: @escaping @Sendable (RunCommand) -> Void) { run?.declare(declared, listener) }

    /// See ``Run/redeclare(_:value:)``.
    public func redeclare<Value: ConfigValue>(_ name: String, value: Value) { run?.redeclare(name, value: value) }

    /// See ``Run/undeclare(_:)``.
    public func undeclare(_ name: String) { run?.undeclare(name) }
}
