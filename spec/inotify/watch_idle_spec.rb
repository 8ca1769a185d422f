# frozen_string_literal: true

RSpec.describe Inotify, ".watch while nothing happens" do
  before { skip "Ruby 4 gives it the processor once a second" if RUBY_VERSION >= "4" }

  it_behaves_like "costing nothing while nothing happens", FrontEnds::Calls,
                  "watch" => "loop { Inotify.watch(source) {} }",
                  "watch with a timeout" => "loop { Inotify.watch(source, timeout: 10_000) {} }"
end
