import Foundation

/// The server's own words, one line each, on standard error: time, level, message.
enum ServerLog {
    static func info(_ message: String) { write("info", message) }
    static func error(_ message: String) { write("error", message) }

    private static func write(_ level: String, _ message: String) {
        let plain = message.replacingOccurrences(of: "\n", with: " ")
        let line = "\(Date().formatted(.iso8601)) \(level) \(plain)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}
