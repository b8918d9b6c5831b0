public import Tensors

/// The numbers of one entry of a ``StateDict``.
public enum StateValues: Sendable, Equatable {
    /// Weights, running statistics.
    case floats([Float])
    /// Counters.
    case integers([Int64])

    /// How many there are.
    public var count: Int {
        switch self {
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
    }
}

/// All parameters and buffers of a model as values: names, shapes, numbers. Can cross tasks and be saved.
public struct StateDict: Sendable, Equatable {
    /// One parameter or buffer.
    public struct Entry: Sendable, Equatable {
        /// The path in the model, `layers.0.weight`.
        public var name: String
        /// The sizes; `[]` for a single number.
        public var shape: [Int]
        /// The numbers in row-major order.
        public var values: StateValues

        /// Describes one entry.
        public init(name: String, shape: [Int], values: StateValues) {
            (self.name, self.shape, self.values) = (name, shape, values)
        }
    }

    /// In the model's order.
    public var entries: [Entry]

    /// Holds the given entries.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// The entry of a name.
    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

    /// The names in order.
    public var names: [String] { entries.map(\.name) }

    /// The entries whose names start with `prefix`, which is taken off: the part of a larger model's state.
    public func removingPrefix(_ prefix: String) -> StateDict {
        StateDict(entries.filter { $0.name.hasPrefix(prefix) }.map {
            Entry(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values)
        })
    }
}

/// Why a state did not fit a model.
public enum StateDictError: Error, Equatable, CustomStringConvertible {
    /// Names in the model only, in the state only, and lines about entries with other shapes.
    case mismatch(model: String, missing: [String], unexpected: [String], shapes: [String])

    /// What does not fit, and what to do.
    public var description: String {
        switch self {
        case .mismatch(let model, let missing, let unexpected, let shapes):
            var lines = ["The state does not fit \(model); nothing was changed."]
            if !missing.isEmpty { lines.append("Missing in the state: \(missing.joined(separator: ", ")).") }
            if !unexpected.isEmpty { lines.append("Not in the model: \(unexpected.joined(separator: ", ")).") }
            lines += shapes
            lines.append(shapes.isEmpty ? "Make the same architecture, or load with strict: false to take what fits."
                                        : "Make the model with the shapes of the state.")
            return lines.joined(separator: "\n")
        }
    }
}

/// What a load that was not strict left out.
public struct LoadReport: Sendable, Equatable {
    /// Names of the model that the state had no entry for, and entries that the model has no place for.
    public var missing: [String], unexpected: [String]
}

extension Module {
    /// A copy of all parameters and buffers. O(their size).
    public final func stateDict() -> StateDict {
        StateDict(state().map { name, member in
            switch member {
            case .parameter(let parameter):
                StateDict.Entry(name: name, shape: parameter.shape.sizes, values: .floats(parameter.scalars))
            case .buffer(let buffer):
                StateDict.Entry(name: name, shape: buffer.stateShape.sizes, values: buffer.stateValues())
            case .module: fatalError("a module is not an entry")
            }
        })
    }

    /// Overwrites parameters and buffers with a saved state; the tensors stay the same objects.
    /// - Parameter strict: Names must be the same on both sides. Shapes always must.
    /// - Throws: ``StateDictError``; then nothing was changed.
    @discardableResult
    public final func load(_ state: StateDict, strict: Bool = true) throws -> LoadReport {
        let places = self.state()
        let entries = Dictionary(state.entries.map { ($0.name, $0) }) { _, last in last }
        let names = Set(places.map(\.name))
        let report = LoadReport(missing: places.map(\.name).filter { entries[$0] == nil },
                                unexpected: state.names.filter { !names.contains($0) })
        let shapes = places.compactMap { name, member -> String? in
            guard let entry = entries[name], let shape = member.stateShape, entry.shape != shape.sizes else { return nil }
            return "\(name): the state has shape \(Shape(entry.shape)), the model \(shape)."
        }
        guard shapes.isEmpty, !strict || report.missing.isEmpty && report.unexpected.isEmpty else {
            throw StateDictError.mismatch(model: "\(type(of: self))", missing: strict ? report.missing : [],
                                          unexpected: strict ? report.unexpected : [], shapes: shapes)
        }
        for (name, member) in places { entries[name].map { member.setState($0.values) } }
        return report
    }
}

extension Member {
    var stateShape: Shape? {
        switch self {
        case .parameter(let parameter): parameter.shape
        case .buffer(let buffer): buffer.stateShape
        case .module: nil
        }
    }

    func setState(_ values: StateValues) {
        switch self {
        case .parameter(let parameter): parameter.set(values)
        case .buffer(let buffer): buffer.setState(values)
        case .module: break
        }
    }
}

extension Tensor {
    func set(_ values: StateValues) {
        withMutableScalars { target in
            switch values {
            case .floats(let floats): for (place, value) in floats.enumerated() { target[place] = value }
            case .integers(let integers): for (place, value) in integers.enumerated() { target[place] = Float(value) }
            }
        }
    }
}

extension Buffer: StateBuffer {
    var stateShape: Shape { shape }
    func stateValues() -> StateValues { .floats(scalars) }
    func setState(_ values: StateValues) { set(values) }
}

extension Counter: StateBuffer {
    var stateShape: Shape { [] }
    func stateValues() -> StateValues { .integers([value]) }
    func setState(_ values: StateValues) {
        switch values {
        case .integers(let integers): value = integers.first ?? 0
        case .floats(let floats): value = Int64(floats.first ?? 0)
        }
    }
}
