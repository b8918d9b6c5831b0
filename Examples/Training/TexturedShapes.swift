import Tensors
import Training

/// Made-up colour pictures, as no photographs are part of this package: a disc of random colour, place and size on a noisy
/// ground, which is plain, or has rows, columns or checks; H,W,C bytes made on demand from the index.
struct TexturedShapes: Dataset {
    var count: Int
    var size = 64

    static let names = ["plain", "rows", "columns", "checks"]

    subscript(index: Int) -> Sample {
        get throws {
            let (picture, label) = draw(index)
            return Sample(try toTensor(picture), label: label)
        }
    }

    /// The picture of an index as H,W,C bytes, and its class.
    func draw(_ index: Int) -> (picture: RawArray<UInt8>, label: Int) {
        var stream = RandomStream(seed: 2024, position: UInt64(index) << 20)
        let label = index % Self.names.count
        func colour(from darkest: Double) -> [Double] { (0..<3).map { _ in darkest + stream.uniform() * 100 } }
        let ground = colour(from: 0), ink = colour(from: 50)
        let radius = Double(size) * (0.25 + 0.15 * stream.uniform())
        let (x0, y0) = (Double(size) * (0.4 + 0.2 * stream.uniform()), Double(size) * (0.4 + 0.2 * stream.uniform()))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size * size * 3)
        for y in 0..<size {
            for x in 0..<size {
                let (dx, dy) = ((Double(x) - x0) / radius, (Double(y) - y0) / radius)
                let (row, column) = (y / 2 % 2 == 0, x / 2 % 2 == 0)
                let isCut: Bool = switch label {
                case 0: false
                case 1: row
                case 2: column
                default: row == column
                }
                let isInside = dx * dx + dy * dy < 1 && !isCut
                let noise = Double(stream.next() & 63)
                for channel in 0..<3 { bytes.append(UInt8(min(255, (isInside ? ink : ground)[channel] + noise))) }
            }
        }
        return (RawArray(bytes, shape: [size, size, 3]), label)
    }
}
