# frozen_string_literal: true

# A wait uses no processor time for as long as nothing happens. `waits` is Ruby code by name, for a child with `source`.
RSpec.shared_examples "costing nothing while nothing happens" do |front_end, waits|
  # The watched directory is deeper than where others make and remove files.
  before { FileUtils.mkdir_p(path("deep")) }

  waits.each do |name, wait|
    it "in #{name}, before and after something happened" do
      ruby_running(<<~RUBY) do |pid, output|
        dir = #{path("deep").dump}
        #{front_end::SCRIPT}
        puts "ready"
        #{wait}
      RUBY
        output.gets
        wait_for_process_sleep(pid)
        expect_idle(pid)
        touch("deep/new")
        wait_for_process_sleep(pid)
        expect_idle(pid)
      end
    end
  end
end
