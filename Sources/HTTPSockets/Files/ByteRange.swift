/// The `Range` header (RFC 9110 §14): one range of bytes; several at once are answered with the whole file.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    /// - Parameter size: Of the file, in bytes.
    init(_ header: String?, size: Int) {
        guard let header, header.lowercased().hasPrefix("bytes=") else { self = .whole; return }
        let text = header.dropFirst(6).filter { $0 != " " && $0 != "\t" }
        guard !text.contains(","), let dash = text.firstIndex(of: "-") else { self = .whole; return }
        let first = text[..<dash], last = text[text.index(after: dash)...]
        guard (first + last).utf8.allSatisfy({ $0 >= Byte.zero && $0 <= Byte.nine }) else { self = .whole; return }
        switch (Self.number(first), Self.number(last)) {
        case (nil, nil): self = .whole
        case (nil, let count?): self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        case (let start?, let end):
            if let end, end < start { self = .whole; return }
            self = start >= size ? .unsatisfiable : .part(start..<min(size - 1, end ?? .max) + 1)
        }
    }

    /// The number of some digits, `nil` for none; a number beyond any file is as good as the largest.
    private static func number(_ digits: Substring) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
}
