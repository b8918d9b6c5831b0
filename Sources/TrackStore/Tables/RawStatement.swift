import GRDB
import GRDBSQLite

/// A cached statement by its C interface: blobs are read where SQLite has them, integers are bound without boxes.
struct RawStatement: ~Copyable {
    private let pointer: OpaquePointer

    init(_ db: Database, _ sql: String) throws { pointer = try db.cachedStatement(sql: sql).sqliteStatement }

    deinit {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    func bind(_ values: Int64...) {
        for (place, value) in values.enumerated() { sqlite3_bind_int64(pointer, Int32(place + 1), value) }
    }

    /// A NaN becomes NULL.
    func bind(_ value: Double, at place: Int32) { sqlite3_bind_double(pointer, place, value) }

    /// SQLite copies the text.
    func bind(_ text: String, at place: Int32) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { _ = sqlite3_bind_text(pointer, place, $0.baseAddress, Int32($0.count), Self.transient) }
        }
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// SQLite copies the bytes.
    func bind(_ bytes: [UInt8], at place: Int32) {
        if bytes.isEmpty { sqlite3_bind_zeroblob(pointer, place, 0) }
        else { sqlite3_bind_blob64(pointer, place, bytes, UInt64(bytes.count), Self.transient) }
    }

    /// Goes to the next row; false at the end.
    func next() throws -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// Runs a statement without rows, ready for the next values.
    func run() throws {
        _ = try next()
        sqlite3_reset(pointer)
    }

    func reset() { sqlite3_reset(pointer) }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func integerOrNull(_ column: Int32) -> Int64? { sqlite3_column_type(pointer, column) == SQLITE_NULL ? nil : integer(column) }

    /// NaN for NULL.
    func number(_ column: Int32) -> Double {
        sqlite3_column_type(pointer, column) == SQLITE_NULL ? .nan : sqlite3_column_double(pointer, column)
    }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))), as: UTF8.self)
    }

    /// Valid until the next step.
    func blob(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: sqlite3_column_blob(pointer, column), count: Int(sqlite3_column_bytes(pointer, column)))
    }
}
