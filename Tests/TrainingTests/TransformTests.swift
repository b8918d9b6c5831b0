import Foundation
import Tensors
import Testing
@testable import Training

@Suite("Transforms") struct TransformTests {
    @Test("toTensor makes bytes H,W,C numbers 0…1 in C,H,W") func bytes() throws {
        let picture = RawArray<UInt8>([0, 51, 102, 153, 204, 255], shape: [1, 2, 3])

        #expect(try toTensor(picture) == RawArray([0, 0.6, 0.2, 0.8, 0.4, 1], shape: [3, 1, 2]))
        #expect(throws: DataError.wrongShape(operation: "toTensor", shape: [6], needed: "[height, width, channels]")) {
            try toTensor(picture.reshaped([6]))
        }
    }

    /// What torchvision 0.29 takes: sizes of picture and crop, first row and column (negative: zeros before).
    @Test("the centre is where torchvision has it", arguments: [
        (7, 4, 2), (8, 4, 2), (5, 2, 2), (9, 4, 2), (10, 3, 4), (4, 4, 0), (3, 4, 0), (2, 5, -1), (1, 5, -2), (11, 4, 4), (6, 3, 2),
    ])
    func starts(old: Int, size: Int, start: Int) { #expect(CenterCrop.start(of: size, in: old) == start) }

    @Test("a crop takes the middle, and pads with zeros what is too small") func crop() throws {
        let picture = RawArray((0..<24).map(Float.init), shape: [2, 3, 4])

        #expect(try CenterCrop(height: 1, width: 2)(picture) == RawArray([5, 6, 17, 18], shape: [2, 1, 2]))
        #expect(try CenterCrop(height: 5, width: 2)(picture[part: 0]) == RawArray([0, 0, 1, 2, 5, 6, 9, 10, 0, 0], shape: [5, 2]))
        #expect(throws: DataError.wrongShape(operation: "CenterCrop", shape: [3], needed: "[…, height, width]")) { try CenterCrop(2)([1, 2, 3]) }
    }

    @Test("normalising a batch by its own statistics gives mean 0 and deviation 1", arguments: [1, 3]) func normalized(axis: Int) throws {
        var stream = RandomStream(seed: 4)
        let shape = axis == 1 ? [8, 3, 5, 6] : [8, 5, 6, 3]
        let inputs = RawArray((0..<720).map { _ in Float(stream.normal() * 3 + 7) }, shape: shape)
        let statistics = try ChannelStatistics(of: inputs, channelAxis: axis)

        let batch = try statistics.normalize(RawBatch(inputs: inputs, targets: .labels([])))

        let after = try ChannelStatistics(of: batch.inputs, channelAxis: axis)
        #expect(after.mean.allSatisfy { abs($0) < 1e-4 } && after.deviation.allSatisfy { abs($0 - 1) < 1e-4 })
        #expect(statistics.mean.count == 3)
    }

    @Test("a channel without spread is refused by its number") func constant() {
        #expect(throws: DataError.constantChannel(1)) {
            try ChannelStatistics(of: RawArray([1, 5, 2, 5], shape: [2, 2]), channelAxis: 1)
        }
        #expect(throws: DataError.self) { try ChannelStatistics(of: RawArray([1, 5], shape: [2]), channelAxis: 1) }
    }

    @Test("permuting any axes moves every element", arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]]) func permutes(axes: [Int]) {
        let array = RawArray((0..<24).map(Float.init), shape: [2, 3, 4])

        let expected = Tensor(array.elements, shape: [2, 3, 4]).permute(axes)
        #expect(array.permuted(axes) == RawArray(expected.scalars, shape: expected.shape.sizes))
    }
}

/// Random pictures and what torchvision made of them, as `Tests/Reference/transforms_reference.py` wrote it.
private struct TransformReference: Decodable {
    let shape: [Int], bytes: [UInt8], tensor: [Float], size: [Int], crop: [Float]

    static let file = Reference.folder.map { URL(filePath: $0).appending(path: "transforms.json") }
    static let isPresent = file.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
}

@Suite("Transforms equal torchvision's", .enabled(if: TransformReference.isPresent, "no pictures from torchvision: NOT COMPARED"))
struct TransformReferenceTests {
    @Test("toTensor and CenterCrop make of 40 random pictures what torchvision makes, number for number") func pictures() throws {
        let cases = try JSONDecoder().decode([TransformReference].self, from: Data(contentsOf: TransformReference.file!))

        #expect(cases.count == 40)
        for item in cases {
            let tensor = try toTensor(RawArray(item.bytes, shape: item.shape))
            let crop = try CenterCrop(height: item.size[0], width: item.size[1])(tensor)
            #expect(tensor.elements == item.tensor && tensor.shape == [item.shape[2], item.shape[0], item.shape[1]])
            #expect(crop.elements == item.crop && crop.shape == [item.shape[2]] + item.size, "\(item.shape) to \(item.size)")
        }
    }
}
