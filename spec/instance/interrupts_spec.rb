# frozen_string_literal: true

RSpec.describe Inotify::Instance, "interrupted" do
  it_behaves_like "waits that can be interrupted", FrontEnds::Instance
end
