/// A number that can be a metric's value. Every metric is stored as `Double`.
///
/// Conform a type of your own to log it as it is:
/// ```swift
/// extension Loss: Loggable { public var loggedValue: Double { mean } }
/// ```
public protocol Loggable {
    /// The value as it is stored. NaN and infinities are kept: a diverging loss is data.
    var loggedValue: Double { get }
}

extension Double: Loggable { @inlinable public var loggedValue: Double { self } }
extension Float: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
#if !(os(macOS) && arch(x86_64))
extension Float16: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
#endif
extension Int: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension Int8: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension Int16: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension Int32: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension Int64: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension UInt: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension UInt8: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension UInt16: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension UInt32: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
extension UInt64: Loggable { @inlinable public var loggedValue: Double { Double(self) } }
/// 1 for true, 0 for false.
extension Bool: Loggable { @inlinable public var loggedValue: Double { self ? 1 : 0 } }
