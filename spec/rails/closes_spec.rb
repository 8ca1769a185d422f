# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and files that are closed" do
  before do
    write("a.rb")
    pass_the_tick
  end

  { "in a directory" => -> { checker }, "that are given" => -> { checker({}, files: [path("a.rb")]) } }
    .each do |what, make|
    describe what do
      let(:checker_of_file) { instance_exec(&make) }

      it "reports nothing where nothing was written" do
        checker_of_file
        2.times { reopen("a.rb") }
        expect(checker_of_file.updated?).to be false
      end

      it "reports a write, and no later close without one" do
        checker_of_file
        write("a.rb", content: "more")
        expect(checker_of_file.updated?).to be true
        pass_the_tick
        checker_of_file.execute
        reopen("a.rb")
        expect(checker_of_file.updated?).to be false
      end

      it "reports a write through a memory map" do
        write("a.rb", content: "content")
        checker_of_file
        write_mapped("a.rb")
        expect(checker_of_file.updated?).to be true
      end
    end
  end
end
