#pragma once
/// The process's memory in use and its greatest so far, in KiB; 0 where /proc is missing.
void memory_now(long *resident, long *peak);
