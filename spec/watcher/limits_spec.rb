# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "at the limits" do
  it_behaves_like "at the limits of the system", FrontEnds::Watcher
end
