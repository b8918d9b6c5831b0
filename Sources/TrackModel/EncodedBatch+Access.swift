extension EncodedBatch {
    /// The steps where they lie, without a copy.
    @inlinable @inline(__always)
    public func withSteps<Result>(_ body: (UnsafeBufferPointer<Int64>) throws -> Result) rethrows -> Result {
        try withNumbers(at: stepsOffset, count: rowCount, body)
    }

    /// The wall times where they lie, without a copy.
    @inlinable @inline(__always)
    public func withTimes<Result>(_ body: (UnsafeBufferPointer<Int64>) throws -> Result) rethrows -> Result {
        try withNumbers(at: stepsOffset + 8 * rowCount, count: rowCount, body)
    }

    /// A column's values where they lie, without a copy.
    @inlinable @inline(__always)
    public func withValues<Result>(_ column: ColumnLayout, _ body: (UnsafeBufferPointer<Double>) throws -> Result) rethrows -> Result {
        try withNumbers(at: column.valuesOffset, count: column.valueCount, body)
    }

    /// The rows of a column's first and last value.
    /// - Precondition: it has a value.
    public func firstAndLastRow(_ column: ColumnLayout) -> (first: Int, last: Int) {
        guard let presence = presence(column) else { return (0, rowCount - 1) }
        let first = presence.firstIndex { $0 != 0 }!, last = presence.lastIndex { $0 != 0 }!
        return (first * 64 + presence[first].trailingZeroBitCount, last * 64 + 63 - presence[last].leadingZeroBitCount)
    }

    /// The same batch under another attempt, writer-side number and, where steps were missing, with steps from `firstStep` on.
    public func renumbered(attempt: Int, sequence: UInt64, firstStep: Int64?) -> EncodedBatch {
        var bytes = bytes
        bytes.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: UInt32(attempt).littleEndian, toByteOffset: 8, as: UInt32.self)
            raw.storeBytes(of: sequence.littleEndian, toByteOffset: 24, as: UInt64.self)
            guard let firstStep else { return }
            for row in 0..<rowCount {
                raw.storeBytes(of: (firstStep &+ Int64(row)).littleEndian, toByteOffset: stepsOffset + 8 * row, as: Int64.self)
            }
        }
        return EncodedBatch(copying: self, bytes: bytes, attempt: attempt, sequence: sequence)
    }

    /// Array storage begins at a multiple of 16 and sections at multiples of 8, so the numbers are aligned.
    @inlinable @inline(__always)
    func withNumbers<Number: BitwiseCopyable, Result>(
        at offset: Int, count: Int, _ body: (UnsafeBufferPointer<Number>) throws -> Result
    ) rethrows -> Result {
        try bytes.withUnsafeBytes { raw in
            try body(UnsafeRawBufferPointer(rebasing: raw[offset..<(offset + 8 * count)]).assumingMemoryBound(to: Number.self))
        }
    }
}
