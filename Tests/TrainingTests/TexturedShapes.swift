import Layers
import Tensors
@testable import Training

/// Made-up colour pictures, as no photographs are part of this package: a disc, square, triangle or stripes in a random
/// colour, place and size on a noisy ground, H,W,C bytes made on demand from the index.
struct TexturedShapes: Dataset {
    var count: Int
    var size = 64

    static let names = ["disc", "square", "triangle", "stripes"]

    subscript(index: Int) -> Sample {
        get throws {
            let (picture, label) = draw(index)
            return Sample(try toTensor(picture), label: label)
        }
    }

    func draw(_ index: Int) -> (picture: RawArray<UInt8>, label: Int) {
        var stream = RandomStream(seed: 2024, position: UInt64(index) << 20)
        let label = index % Self.names.count
        func colour() -> [Double] { (0..<3).map { _ in stream.uniform() * 200 } }
        let ground = colour(), ink = colour().map { $0 + 55 }
        let radius = Double(size) * (0.2 + 0.15 * stream.uniform())
        let (x0, y0) = (Double(size) * (0.4 + 0.2 * stream.uniform()), Double(size) * (0.4 + 0.2 * stream.uniform()))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size * size * 3)
        for y in 0..<size {
            for x in 0..<size {
                let (dx, dy) = ((Double(x) - x0) / radius, (Double(y) - y0) / radius)
                let isInside: Bool = switch label {
                case 0: dx * dx + dy * dy < 1
                case 1: max(abs(dx), abs(dy)) < 0.9
                case 2: dy < 0.8 && dy > 2 * abs(dx) - 1
                default: max(abs(dx), abs(dy)) < 1 && Int((dy + 1) * 3) % 2 == 0
                }
                let noise = Double(stream.next() & 31)
                for channel in 0..<3 { bytes.append(UInt8(min(255, (isInside ? ink : ground)[channel] + noise))) }
            }
        }
        return (RawArray(bytes, shape: [size, size, 3]), label)
    }
}

func makePictureModel(widths: [Int] = [8, 16], classes: Int = 4, seed: UInt64 = 11) -> Sequential {
    withRandomSeed(seed) {
        Sequential(zip([3] + widths, widths).map { ConvLayer($0, $1, stride: 2) } + [AdaptivePool(), Linear(widths.last!, classes)])
    }
}
