extension MetricsText {
    /// How much is looked at for findings, and what that costs.
    mutating func add(_ health: HealthMonitor.Counters) {
        add("track_health_examinations_total", "counter", "Looks at what is new of a run.", health.examinations)
        add("track_health_failures_total", "counter", "Looks that met damaged bytes or a closed store.", health.failures)
        add("track_health_points_total", "counter", "Points that rules have looked at.", health.points)
        add("track_health_changes_total", "counter", "Times a run's findings became others.", health.changes)
        add("track_health_seconds_total", "counter", "Time spent looking.", health.seconds)
        add("track_health_waiting", "gauge", "Runs that wait to be looked at.", health.waiting)
    }
}
