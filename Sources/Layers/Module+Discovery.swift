public import Tensors

/// What one property of a module holds.
enum Member {
    case parameter(Parameter)
    case buffer(any StateBuffer)
    case module(Module)
}

/// Something that is saved with a module's parameters but not trained.
protocol StateBuffer: AnyObject {
    var stateShape: Shape { get }
    func stateValues() -> StateValues
    func setState(_ values: StateValues)
}

/// A whole number that is saved with a module, such as the batches that batch norm has seen.
public final class Counter {
    /// The number.
    public var value: Int64
    /// Starts at a number.
    public init(_ value: Int64 = 0) { self.value = value }
}

extension Module {
    /// The parameters, buffers and modules in this module's own properties, with their names, in declaration order.
    ///
    /// Read anew each time, so a replaced head is found. O(number of properties).
    final func members() -> [(name: String, member: Member)] {
        var levels: [Mirror] = []
        var mirror: Mirror? = Mirror(reflecting: self)
        while let level = mirror, level.subjectType != Module.self {
            levels.append(level)
            mirror = level.superclassMirror
        }
        var found: [(String, Member)] = []
        for level in levels.reversed() {
            for child in level.children {
                let label = child.label.map(Module.name) ?? ""
                Module.collect(child.value, label == transparentProperty ? "" : label, into: &found)
            }
        }
        return found
    }

    private static func collect(_ value: Any, _ name: String, into found: inout [(String, Member)]) {
        switch value {
        case let parameter as Parameter: found.append((name, .parameter(parameter)))
        case let buffer as Buffer: found.append((name, .buffer(buffer)))
        case let counter as Counter: found.append((name, .buffer(counter)))
        case let module as Module: found.append((name, .module(module)))
        default: collectInside(value, name, into: &found)
        }
    }

    private static func collectInside(_ value: Any, _ name: String, into found: inout [(String, Member)]) {
        // Most properties that hold no parameter are settings; the first mirror of each type costs as much as a small step.
        if value is Int || value is Bool || value is Float || value is Size2D { return }
        let mirror = Mirror(reflecting: value)
        func path(_ part: String) -> String { name.isEmpty ? part : "\(name).\(part)" }
        switch mirror.displayStyle {
        case .optional:
            for child in mirror.children { collect(child.value, name, into: &found) }
        case .collection where !(value is [Float] || value is [Int] || value is [UInt8]):
            for (place, child) in mirror.children.enumerated() { collect(child.value, path("\(place)"), into: &found) }
        case .dictionary:
            let pairs = mirror.children.compactMap { child -> (String, Any)? in
                let pair = Array(Mirror(reflecting: child.value).children)
                return pair.count == 2 ? ("\(pair[0].value)", pair[1].value) : nil
            }
            for (key, value) in pairs.sorted(by: { $0.0 < $1.0 }) { collect(value, path(key), into: &found) }
        case .tuple:
            for (place, child) in mirror.children.enumerated() { collect(child.value, path("\(place)"), into: &found) }
        default: break
        }
    }

    /// A property's name as files have it: `runningMean` is `running_mean`; `lazy` storage and wrappers lose their prefix.
    static func name(_ property: String) -> String {
        var name = ""
        let plain = property.hasPrefix("$__lazy_storage_$_") ? String(property.dropFirst(18)) : property
        for (place, character) in plain.enumerated() {
            if place == 0 && character == "_" { continue }
            if character.isUppercase {
                if !name.isEmpty && !name.hasSuffix("_") { name += "_" }
                name += character.lowercased()
            } else {
                name.append(character)
            }
        }
        return name
    }

    /// The modules directly inside, with their names.
    public final var children: [(name: String, module: Module)] {
        members().compactMap { name, member in
            if case .module(let module) = member { (name, module) } else { nil }
        }
    }

    /// This module and all inside, each once, outer before inner.
    public final func modules() -> [Module] { namedModules().map(\.module) }

    /// This module (named "") and all inside with their paths, each once, outer before inner.
    public final func namedModules() -> [(name: String, module: Module)] {
        var seen: Set<ObjectIdentifier> = []
        var result: [(String, Module)] = []
        func visit(_ module: Module, _ path: String) {
            guard seen.insert(ObjectIdentifier(module)).inserted else { return }
            result.append((path, module))
            for (name, child) in module.children { visit(child, path.isEmpty ? name : "\(path).\(name)") }
        }
        visit(self, "")
        return result
    }

    /// All parameters, each once: a module's own before those of the modules inside it.
    public final func parameters() -> [Parameter] { namedParameters().map(\.parameter) }

    /// All parameters with their paths, each once: a module's own before those of the modules inside it.
    public final func namedParameters() -> [(name: String, parameter: Parameter)] {
        var seen: Set<ObjectIdentifier> = []
        return state().compactMap { name, member in
            guard case .parameter(let parameter) = member, seen.insert(ObjectIdentifier(parameter)).inserted else { return nil }
            return (name, parameter)
        }
    }

    /// All buffers with their paths.
    public final func namedBuffers() -> [(name: String, buffer: Buffer)] {
        state().compactMap { name, member in
            if case .buffer(let buffer) = member, let buffer = buffer as? Buffer { (name, buffer) } else { nil }
        }
    }

    /// Everything that is saved, in the order of PyTorch's `state_dict`: parameters, buffers, then modules inside.
    final func state() -> [(name: String, member: Member)] {
        var result: [(String, Member)] = []
        func visit(_ module: Module, _ path: String) {
            let members = module.members().map { (path.isEmpty ? $0.name : "\(path).\($0.name)", $0.member) }
            for case (let name, .parameter(let parameter)) in members { result.append((name, .parameter(parameter))) }
            for case (let name, .buffer(let buffer)) in members { result.append((name, .buffer(buffer))) }
            for case (let name, .module(let child)) in members { visit(child, name) }
        }
        visit(self, "")
        return result
    }
}
