import Foundation

/// NVIDIA's management library, loaded at run time; there is nothing to link, and nothing happens where it is missing.
final class NVIDIA {
    private typealias Device = OpaquePointer
    private let library: UnsafeMutableRawPointer
    private var devices: [Device] = []

    /// - Parameter path: The library's name; tests give one of their own.
    /// - Returns: `nil` without the library, or without a device.
    init?(path: String = "libnvidia-ml.so.1") {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.library = library
        guard let start = function("nvmlInit_v2", (@convention(c) () -> Int32).self), start() == 0 else { return nil }
        devices = findDevices()
        if devices.isEmpty { return nil }
    }

    private func findDevices() -> [Device] {
        typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
        typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<Device?>) -> Int32
        var number: UInt32 = 0
        guard let count = function("nvmlDeviceGetCount_v2", Count.self), let handle = function("nvmlDeviceGetHandleByIndex_v2", Handle.self),
              count(&number) == 0 else { return [] }
        return (0..<number).compactMap { index in
            var device: Device?
            return handle(index, &device) == 0 ? device : nil
        }
    }

    /// The devices' names, in the library's order.
    var names: [String] {
        typealias Name = @convention(c) (Device, UnsafeMutablePointer<CChar>, UInt32) -> Int32
        guard let read = function("nvmlDeviceGetName", Name.self) else { return [] }
        return devices.map { device in
            var text = [CChar](repeating: 0, count: 96)
            guard read(device, &text, UInt32(text.count)) == 0 else { return "?" }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Each device's metrics, named after its number: `gpu.0.utilization` and `gpu.0.memory` in percent, `gpu.0.memory.used` in MiB,
    /// `gpu.0.temperature` in °C, `gpu.0.power` in W.
    func metrics() -> [String: Double] {
        var metrics: [String: Double] = [:]
        for (index, device) in devices.enumerated() {
            for (name, value) in reading(device) { metrics["gpu.\(index).\(name)"] = value }
        }
        return metrics
    }

    private func reading(_ device: Device) -> [String: Double] {
        typealias ReadNumber = @convention(c) (Device, UnsafeMutablePointer<UInt32>) -> Int32
        typealias ReadSensor = @convention(c) (Device, UInt32, UnsafeMutablePointer<UInt32>) -> Int32
        typealias ReadBlock = @convention(c) (Device, UnsafeMutableRawPointer) -> Int32
        var values: [String: Double] = [:], number: UInt32 = 0
        var rates: (processor: UInt32, memory: UInt32) = (0, 0), memory: (total: UInt64, free: UInt64, used: UInt64) = (0, 0, 0)
        if let read = function("nvmlDeviceGetUtilizationRates", ReadBlock.self), read(device, &rates) == 0 {
            values["utilization"] = Double(rates.processor)
        }
        if let read = function("nvmlDeviceGetMemoryInfo", ReadBlock.self), read(device, &memory) == 0, memory.total > 0 {
            values["memory"] = 100 * Double(memory.used) / Double(memory.total)
            values["memory.used"] = Double(memory.used) / mebibyte
        }
        if let read = function("nvmlDeviceGetTemperature", ReadSensor.self), read(device, 0, &number) == 0 { values["temperature"] = Double(number) }
        if let read = function("nvmlDeviceGetPowerUsage", ReadNumber.self), read(device, &number) == 0 { values["power"] = Double(number) / 1_000 }
        return values
    }

    private func function<Kind>(_ name: String, _ type: Kind.Type) -> Kind? {
        dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }
}
