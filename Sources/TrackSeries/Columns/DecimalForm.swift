/// Values with few decimals as whole numbers: 0.25 is 25 with two decimals. Exact, because a quotient of exact numbers is rounded correctly.
enum DecimalForm {
    private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]
    private static let greatest = 0x1p53

    /// `nil` when some value needs more than twelve decimals.
    static func encode(_ values: [Double]) -> [UInt8]? {
        guard let decimals = decimals(values) else { return nil }
        let scaled = values.map { Int64(($0 * powers[decimals]).rounded()) }
        var bytes: [UInt8] = [UInt8(decimals)]
        IntegerColumn.encode(scaled, into: &bytes)
        return bytes
    }

    private static func decimals(_ values: [Double]) -> Int? {
        var decimals = 0
        for value in values {
            while !fits(value, decimals) {
                decimals += 1
                if decimals == powers.count { return nil }
            }
        }
        // More decimals than a value had alone may round it differently: all are tried with the final number.
        return values.allSatisfy { fits($0, decimals) } ? decimals : nil
    }

    @inline(__always)
    private static func fits(_ value: Double, _ decimals: Int) -> Bool {
        let scaled = (value * powers[decimals]).rounded()
        return scaled.magnitude < greatest && scaled / powers[decimals] == value
    }

    static func decode(_ reader: inout ColumnReader, count: Int) throws -> [Double] {
        let decimals = Int(try reader.integer(UInt8.self))
        guard decimals < powers.count else { throw DamagedBytes("a decimal column claims \(decimals) decimals") }
        let power = powers[decimals]
        let scaled = try IntegerColumn.decode(&reader, count: count)
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer[index] = Double(scaled[index]) / power }
            initialized = count
        }
    }
}
