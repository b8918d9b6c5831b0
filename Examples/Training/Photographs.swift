import Foundation
import Tensors
import Training

/// Patches of real photographs in a file: rows of 64 · 64 · 3 bytes, then the number of the photograph. `Tests/Reference/photographs.py`
/// cuts them from pictures in the public domain; none are part of this package.
struct Photographs: Dataset {
    private static let side = 64, row = 64 * 64 * 3 + 1
    private let bytes: Data
    private let places: [Int]
    /// Each pixel of a sample is the mean of a square of so many pixels.
    private let shrink: Int

    /// - Parameter shrink: 1, 2, 4 or 8.
    init(_ path: String, shrink: Int = 1) throws {
        bytes = try Data(contentsOf: URL(filePath: path))
        (places, self.shrink) = (Array(0..<bytes.count / Self.row), shrink)
    }

    private init(_ bytes: Data, _ places: [Int], _ shrink: Int) { (self.bytes, self.places, self.shrink) = (bytes, places, shrink) }

    /// The first `trained` patches, which are to train on, and some of those behind, which are to validate on.
    func split(trained: Int = 1400, training: Int, validating: Int) -> (train: Photographs, valid: Photographs) {
        (Photographs(bytes, Array(places.prefix(training)), shrink), Photographs(bytes, Array(places.dropFirst(trained).prefix(validating)), shrink))
    }

    var count: Int { places.count }

    subscript(index: Int) -> Sample {
        get throws {
            let start = places[index] * Self.row, small = Self.side / shrink
            var sums = [Int](repeating: 0, count: small * small * 3)
            for y in 0..<Self.side {
                for x in 0..<Self.side {
                    let from = start + (y * Self.side + x) * 3, to = (y / shrink * small + x / shrink) * 3
                    for colour in 0..<3 { sums[to + colour] += Int(bytes[from + colour]) }
                }
            }
            let picture = RawArray(sums.map { UInt8($0 / (shrink * shrink)) }, shape: [small, small, 3])
            return Sample(try toTensor(picture), label: Int(bytes[start + Self.row - 1]))
        }
    }
}
