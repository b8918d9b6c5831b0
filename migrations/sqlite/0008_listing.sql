-- A page of the runs table is cut from one index, and sorted and filtered by summaries from another: with 10 000 runs each row of `run` or
-- `metric` that had to be looked at would be a page of the file. Read by the runs listing.
DROP INDEX run_by_project_created;
CREATE INDEX run_by_project_created ON run (project_id, created_ms, id, deleted_ms);

DROP INDEX metric_by_name;
CREATE INDEX metric_by_name ON metric (name_id, run_id, count, last, min, max, sum, nan, positive_infinity, negative_infinity, first_step, last_step);
