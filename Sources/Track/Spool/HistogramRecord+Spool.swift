import TrackModel

/// Histograms are written as raw numbers: the caller's thread formats nothing.
extension HistogramRecord {
    /// step, time, min, max, sum, count, NaN count, bins, name length, name padded to 8, edges, counts.
    func spooled() -> [UInt8] {
        let name = Array(self.name.utf8.prefix(500))
        let padding = (8 - name.count % 8) % 8
        return [UInt8](unsafeUninitializedCapacity: 64 + name.count + padding + 8 * (edges.count + counts.count)) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            func put<Value: BitwiseCopyable>(_ value: Value) {
                raw.storeBytes(of: value, toByteOffset: count, as: Value.self)
                count += MemoryLayout<Value>.size
            }
            put(step); put(time); put(min); put(max); put(sum); put(self.count); put(nan)
            put(UInt32(counts.count)); put(UInt32(name.count))
            for byte in name { put(byte) }
            for _ in 0..<padding { put(UInt8(0)) }
            for edge in edges { put(edge) }
            for value in counts { put(value) }
        }
    }

    /// `nil` if the bytes do not agree with their own counts.
    init?(spooled bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 64 else { return nil }
        func number<Value: BitwiseCopyable>(_ offset: Int, _ type: Value.Type) -> Value { bytes.loadUnaligned(fromByteOffset: offset, as: type) }
        let bins = Int(number(56, UInt32.self)), length = Int(number(60, UInt32.self))
        let start = 64 + length + (8 - length % 8) % 8
        guard bytes.count == start + 8 * (bins + 1) + 8 * bins else { return nil }
        self.init(
            name: String(decoding: UnsafeRawBufferPointer(rebasing: bytes[64..<64 + length]), as: UTF8.self),
            step: number(0, Int64.self), time: number(8, Int64.self),
            edges: (0...bins).map { number(start + 8 * $0, Double.self) },
            counts: (0..<bins).map { number(start + 8 * (bins + 1 + $0), UInt64.self) },
            min: number(16, Double.self), max: number(24, Double.self), sum: number(32, Double.self),
            count: number(40, UInt64.self), nan: number(48, UInt64.self))
    }
}
