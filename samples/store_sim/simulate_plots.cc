// SPDX-License-Identifier: Apache-2.0
#include "simulate_plots.h"

#include <spawn.h>
#include <sys/wait.h>

#include <sstream>

#include "save_file.h"

extern char** environ;

namespace store_sim {
namespace {

namespace fs = std::filesystem;

// Run in the folder of the table.
constexpr char kPlots[] = R"gnuplot(# gnuplot plots.gnuplot
set datafile separator ","
set key outside top center horizontal
set grid
set offsets graph 0, graph 0, graph 0.05, graph 0
set xlabel "seconds"
do for [kind in "png svg"] {
  if (kind eq "png") { set terminal png size 1200,600 } else { set terminal svg size 1200,600 }
  set output "latency.".kind
  set ylabel "milliseconds"
  set logscale y
  plot "seconds.csv" using 1:(column("open_p50_ms") > 0 ? column("open_p50_ms") : 1/0) with linespoints title "open, half", \
       "" using 1:(column("open_p99_ms") > 0 ? column("open_p99_ms") : 1/0) with linespoints title "open, 99 of 100", \
       "" using 1:(column("message_p50_ms") > 0 ? column("message_p50_ms") : 1/0) with linespoints title "each message, half", \
       "" using 1:(column("message_p99_ms") > 0 ? column("message_p99_ms") : 1/0) with linespoints title "each message, 99 of 100"
  unset logscale y
  set output "queue.".kind
  set ylabel "requests"
  set y2label "items not current"
  set ytics nomirror
  set y2tics
  plot "seconds.csv" using 1:"queued_high" with steps title "high lane", \
       "" using 1:"queued_low" with steps title "low lane", \
       "" using 1:"scanning" with steps title "at the vendor", \
       "" using 1:(column("items") - column("current")) axes x1y2 with lines title "not current (right)"
  unset y2tics
  unset y2label
}
)gnuplot";

std::string TableOf(const Results& results) {
  std::ostringstream out;
  out << "second,queued_high,queued_low,scanning,waiters,items,current,open_p50_ms,open_p99_ms,"
         "message_p50_ms,message_p99_ms";
  for (const char* name : kActionNames) out << ',' << name;
  out << '\n';
  for (const Second& each : results.seconds) {
    const QueueLook& queue = each.queue;
    out << each.at_s << ',' << queue.high << ',' << queue.low << ',' << queue.scanning << ','
        << queue.waiters << ',' << queue.items << ',' << queue.current << ',' << each.open_p50_ms
        << ',' << each.open_p99_ms << ',' << each.message_p50_ms << ',' << each.message_p99_ms;
    for (const uint64_t done : each.done) out << ',' << done;
    out << '\n';
  }
  return out.str();
}

bool RunGnuplot(const fs::path& folder) {
  std::string name = "gnuplot", file = "plots.gnuplot";
  char* arguments[] = {name.data(), file.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t process = 0;
  const int error = posix_spawnp(&process, name.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return error == 0 && waitpid(process, &status, 0) == process && status == 0;
}

}  // namespace

bool PlotSimulation(const Results& results, const fs::path& folder) {
  SaveFile(folder / "seconds.csv", TableOf(results));
  SaveFile(folder / "plots.gnuplot", kPlots);
  return RunGnuplot(folder);
}

}  // namespace store_sim
