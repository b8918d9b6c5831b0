#if canImport(Glibc)
import Glibc

/// The allocator's own books, over all threads and arenas: what the program has and what the process has got from the system, in bytes.
struct Heap {
    var used = 0, held = 0

    /// - Throws: ``Unreadable``, where the C library has no such books.
    static func now() throws -> Heap {
        typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32
        var text: UnsafeMutablePointer<CChar>?, length = 0
        guard let symbol = dlsym(nil, "malloc_info"), let file = open_memstream(&text, &length) else { throw Unreadable() }
        _ = unsafeBitCast(symbol, to: Report.self)(0, file)
        fclose(file)
        defer { free(text) }
        // After the arenas' own parts come the totals.
        let totals = part(of: String(cString: text!), behindLast: "</heap>")
        let mapped = size("\"mmap\"", in: totals), system = size("system type=\"current\"", in: totals)
        return Heap(used: system - size("\"fast\"", in: totals) - size("\"rest\"", in: totals) + mapped, held: system + mapped)
    }

    private static func size(_ kind: String, in totals: String) -> Int {
        Int(part(of: part(of: totals, behindFirst: kind), behindFirst: "size=\"").prefix { $0.isNumber }) ?? 0
    }

    private static func part(of text: String, behindFirst mark: String) -> String {
        text.firstRange(of: mark).map { String(text[$0.upperBound...]) } ?? ""
    }

    private static func part(of text: String, behindLast mark: String) -> String {
        text.ranges(of: mark).last.map { String(text[$0.upperBound...]) } ?? ""
    }

    struct Unreadable: Error {}
}
#endif
