import Foundation

/// How much processor time a thread gets beside those that serve.
public enum BackgroundPriority {
    /// A thirtieth of what a serving thread gets, and all that is left over.
    case low
    /// What is left over, and hardly anything else. The system takes a core with such a thread for an idle one, so that those that serve are
    /// spread over all cores as if it were not there.
    case leftOver

    /// To be called every now and then, at least every half millisecond, by work of this kind. Once it has a core the system leaves it there until
    /// its next tick, which may be four milliseconds away, even if threads that serve wait for that very core.
    static func giveWay() { sched_yield() }

    /// Gives this priority to the calling thread, for good.
    public func take() {
        #if os(Linux)
        switch self {
        case .low: setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)        // 0 is the calling thread, not the process
        case .leftOver:
            var parameters = sched_param()
            sched_setscheduler(0, 5, &parameters)       // SCHED_IDLE of sched.h, which Swift does not import
        }
        #endif
    }
}
