// SPDX-License-Identifier: Apache-2.0
#include "clamd_ways.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>

namespace vsapi::bench {
namespace {

std::string NameOf(Transfer transfer) {
  return transfer == Transfer::kFile ? "clamd_fildes" : "clamd_instream";
}

void SendItem(ClamdConnection& connection, Transfer transfer, const Mailboxes& mail, size_t item) {
  if (transfer == Transfer::kFile)
    connection.SendFile(mail.path(item));
  else
    connection.SendStream(mail.bytes(item));
}

// ---- One command for each connection ------------------------------------------------------------

class Lone : public Way {
 public:
  Lone(std::string name, Transfer transfer, const Clamd& clamd, std::chrono::seconds patience)
      : Way(std::move(name)), transfer_(transfer), clamd_(clamd), patience_(patience) {}

  Client NewClient(const Mailboxes& mail) override {
    return [this, &mail](size_t item) {
      try {
        ClamdConnection connection(clamd_.socket(), patience_);
        SendItem(connection, transfer_, mail, item);
        return AnswerOf(connection.Receive());
      } catch (const ClamdGone&) {
        return Answer::kNone;
      }
    };
  }

 protected:
  const Transfer transfer_;
  const Clamd& clamd_;
  const std::chrono::seconds patience_;
};

class Reloading final : public Way {
 public:
  Reloading(std::string name, const std::string& definitions, Clamd::ReloadMode mode)
      : Way(std::move(name)), clamd_(definitions, mode) {}

  Client NewClient(const Mailboxes& mail) override { return asking_.NewClient(mail); }
  void Reload() override { clamd_.Reload(); }

 private:
  Clamd clamd_;
  Lone asking_{name(), Transfer::kFile, clamd_, ClamdConnection::kPatience};
};

// ---- Sessions -----------------------------------------------------------------------------------

// Answers come in any order, each with the number of its command: "7: fd[10]: OK".
class Session {
 public:
  Session(Transfer transfer, const Clamd& clamd)
      : transfer_(transfer), connection_(clamd.socket()) {
    connection_.Send("IDSESSION");
  }
  ~Session() {
    try {
      connection_.Send("END");
    } catch (const ClamdGone&) {  // then it has ended already
    }
  }

  void Ask(const Mailboxes& mail, size_t item) {
    SendItem(connection_, transfer_, mail, item);
    asked_[++last_] = item;
  }
  size_t open() const { return asked_.size(); }
  std::pair<size_t, Answer> Receive() {
    const std::string reply = connection_.Receive();
    const auto at = asked_.find(std::stoul(reply));
    if (at == asked_.end()) throw std::runtime_error("clamd answers what nobody asked: " + reply);
    const size_t item = at->second;
    asked_.erase(at);
    return {item, AnswerOf(reply)};
  }

 private:
  const Transfer transfer_;
  ClamdConnection connection_;
  size_t last_ = 0;
  std::map<size_t, size_t> asked_;
};

class Sessions final : public Way {
 public:
  Sessions(Transfer transfer, const Clamd& clamd)
      : Way(NameOf(transfer) + "_session"), transfer_(transfer), clamd_(clamd) {}

  // All sessions together have as much on its way as the engine's low lane.
  void Work(Feed& feed) override {
    const size_t sessions = ThreadCount();
    std::vector<std::jthread> crowd;
    for (size_t i = 0; i < sessions; ++i)
      crowd.emplace_back([&] { WorkInSession(feed, BulkAhead() / sessions); });
  }
  Client NewClient(const Mailboxes& mail) override {
    auto session = std::make_shared<Session>(transfer_, clamd_);
    return [session, &mail](size_t item) {
      session->Ask(mail, item);
      return session->Receive().second;
    };
  }

 private:
  void WorkInSession(Feed& feed, size_t ahead) const {
    Session session(transfer_, clamd_);
    for (bool more = true; more || session.open() > 0;) {
      while (more && session.open() < ahead) {
        const auto item = feed.Next();
        if ((more = item.has_value())) session.Ask(feed.mail(), *item);
      }
      if (session.open() == 0) continue;
      const auto [item, answer] = session.Receive();
      feed.Done(item, answer);
    }
  }

  const Transfer transfer_;
  const Clamd& clamd_;
};

// ---- A folder -----------------------------------------------------------------------------------

class Clamdscan final : public Lone {
 public:
  explicit Clamdscan(const Clamd& clamd)
      : Lone("clamdscan_multiscan", Transfer::kFile, clamd, ClamdConnection::kPatience) {}

  // The group's whole folder each time.
  void Work(Feed& feed) override {
    for (;;) {
      std::vector<size_t> items;
      while (items.size() < feed.group().count) {
        const auto item = feed.Next();
        if (!item) break;
        items.push_back(*item);
      }
      if (items.empty()) return;
      const Found found = ScanFolder(feed.group().folder);
      for (const size_t item : items) feed.Done(item, found.AnswerFor(feed.mail().path(item)));
    }
  }

 private:
  // It says nothing of what is clean.
  struct Found {
    std::map<std::string, Answer> by_path;
    bool is_whole = false;

    Answer AnswerFor(const std::string& path) const {
      const auto at = by_path.find(path);
      if (at != by_path.end()) return at->second;
      return is_whole ? Answer::kClean : Answer::kNone;
    }
  };

  // Reads lines as "/folder/12: Bench.Marker.UNOFFICIAL FOUND".
  Found ScanFolder(const std::string& folder) const {
    constexpr int kFailed = 2;  // 1: something was found
    const std::string command =
        "clamdscan --config-file=" + clamd_.config() + " --multiscan --no-summary " + folder;
    FILE* const output = popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error("can't start clamdscan");
    Found found;
    for (char line[4096]; fgets(line, sizeof line, output) != nullptr;) {
      const std::string text(line, strcspn(line, "\n"));
      found.by_path[text.substr(0, text.find(": "))] = AnswerOf(text);
    }
    const int status = pclose(output);
    found.is_whole = WIFEXITED(status) && WEXITSTATUS(status) < kFailed;
    return found;
  }
};

}  // namespace

std::unique_ptr<Way> MakeClamdLone(Transfer transfer, const Clamd& clamd,
                                   std::chrono::seconds patience) {
  return std::make_unique<Lone>(NameOf(transfer), transfer, clamd, patience);
}

std::unique_ptr<Way> MakeReloadingClamd(const std::string& definitions, Clamd::ReloadMode mode) {
  return std::make_unique<Reloading>(
      mode == Clamd::ReloadMode::kConcurrent ? "clamd_fildes" : "clamd_blocking_reload",
      definitions, mode);
}

std::unique_ptr<Way> MakeClamdSession(Transfer transfer, const Clamd& clamd) {
  return std::make_unique<Sessions>(transfer, clamd);
}

std::unique_ptr<Way> MakeClamdscan(const Clamd& clamd) {
  return std::make_unique<Clamdscan>(clamd);
}

}  // namespace vsapi::bench
