import Foundation
import Testing
import TrackModel
@testable import TrackSeries

@Suite("SeriesAnswer") struct SeriesAnswerTests {
    @Test("its quick JSON reads back as Codable wrote it, NaN as null") func json() throws {
        let answer = sample()

        let quick = try JSONDecoder().decode(SeriesAnswer.self, from: Data(answer.encodedJSON()))
        let slow = try JSONDecoder().decode(SeriesAnswer.self, from: JSONEncoder().encode(answer))

        #expect(quick == slow && quick.series[0].columns == answer.series[0].columns)
        let text = String(decoding: answer.encodedJSON(), as: UTF8.self)
        #expect(text.contains(#""mean":[0.1,null,3]"#) && text.contains(#""metric":"lo\"ss\u000a""#) && text.contains(#""reason":"not_logged""#))
    }

    @Test("its binary form holds every column as its header says") func binary() throws {
        let answer = sample(), bytes = answer.encodedBinary()
        let length = bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) }
        let header = try JSONDecoder().decode(JSONValue.self, from: Data(bytes[16..<(16 + length)]))
        let start = (16 + length + 7) & ~7

        #expect(Array(bytes[0..<8]) == Array("TRKS".utf8) + [1, 0, 0, 0])
        guard case .array(let series)? = header["series"], case .array(let columns)? = series[0]["columns"] else { Issue.record("no columns"); return }
        let named = Dictionary(uniqueKeysWithValues: columns.map { ($0["name"]!.stringValue!, $0) })
        #expect(named["x0"]?["type"] == "u32" && named["x0"]?["base"] == 5)
        #expect(read(UInt32.self, named["x0"]!, bytes, start) == [0, 1, 4_000_000])
        #expect(named["count"]?["constant"] == 2 && named["nanCount"]?["type"] == "u8" && named["positiveInfinityCount"] == nil)
        #expect(named["min"]?["type"] == "f32" && read(Float.self, named["min"]!, bytes, start)[2] == 3)
        #expect(named["max"]?["type"] == "f64" && read(Double.self, named["max"]!, bytes, start)[0] == 1e-300)
    }

    @Test("its binary form is the same, byte by byte, when several threads make it", arguments: [0, 1, 3, 4, 50]) func parts(curves: Int) async {
        var answer = sample()
        answer.series = (0..<curves).map { curve in
            let count = curve % 3 == 1 ? 0 : 5_000 + curve                      // enough for several threads; some have nothing to show
            var columns = BucketColumns()
            columns.x0 = (0..<count).map(Double.init)
            columns.mean = (0..<count).map { 1 / Double($0 + curve + 1) }
            columns.pointCount = (0..<count).map { UInt32($0 % 7) }
            return BucketSeries(run: nil, metric: "\(curve)", points: count, columns: columns)
        }

        #expect(await answer.encodedBinaryInParts() == answer.encodedBinary())
    }

    private func read<Number: BitwiseCopyable>(_ type: Number.Type, _ column: JSONValue, _ bytes: [UInt8], _ start: Int) -> [Number] {
        guard case .integer(let offset)? = column["offset"] else { return [] }
        return bytes.withUnsafeBytes { raw in
            (0..<3).map { raw.loadUnaligned(fromByteOffset: start + Int(offset) + $0 * MemoryLayout<Number>.size, as: Number.self) }
        }
    }

    private func sample() -> SeriesAnswer {
        var columns = BucketColumns()
        columns.x0 = [5, 6, 4_000_005]
        columns.x1 = [5.5, 7, 4_000_005]
        columns.pointCount = [2, 2, 2]
        columns.min = [0.1, .nan, 3]
        columns.mean = [0.1, .nan, 3]
        columns.max = [1e-300, 2e-300, 3e-300]
        columns.nanCount = [0, 2, 0]
        columns.positiveInfinityCount = [0, 0, 0]
        var series = BucketSeries(run: RunID("abcdefgh"), metric: "lo\"ss\n", points: 6, firstX: 5, lastX: 4_000_005, domain: [5, 4_000_005], columns: columns)
        series.group = ["config.model": "vit", "n": 2]
        series.percentiles = [0.5, 2]
        return SeriesAnswer(x: "step", buckets: 3, series: [series], missing: [.init(run: RunID("abcdefgh")!, metric: "b", reason: .notLogged)])
    }
}
