import Foundation

extension MachineReading {
    /// Percent of a folder's file system that is in use; `nil` if the folder is not there.
    static func usedPercent(_ folder: String) -> Double? {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0, disk.f_blocks > 0 else { return nil }
        return 100 * (1 - Double(disk.f_bavail) / Double(disk.f_blocks))
    }
}
