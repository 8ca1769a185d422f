# frozen_string_literal: true

# A file system that keeps times in whole seconds: ext4 with inodes of 128 bytes, as old ones are.
module CoarseTimes
  PRELUDE = <<~RUBY.freeze
    %w[queue_limit stops].each { |name| require File.join("#{__dir__}", name) }
    unless system("mount", "-o", "loop", "image", "mounted", err: File::NULL)
      puts "no mount"
      exit
    end
    Dir.chdir("mounted")
    # From here on, several things happen in one second.
    def early_in_a_second
      Thread.pass until (0.2..0.5).cover?(Process.clock_gettime(Process::CLOCK_REALTIME) % 1)
    end
  RUBY
  private_constant :PRELUDE

  # Runs a script in such a file system, mounted where nobody else sees it. Returns the lines it printed.
  def ruby_with_coarse_times(script)
    skip "only root may mount a file system" unless Process.uid.zero?
    skip "there is no mkfs.ext4" unless system("mkfs.ext4", "-V", err: File::NULL)
    make_image(path("image"))
    Dir.mkdir(path("mounted"))
    script = "Dir.chdir(#{dir.dump})\n#{PRELUDE}#{script}"
    lines = ruby(script, under: %w[unshare -m --propagation private]).lines(chomp: true)
    skip "this system mounts no files" if lines == ["no mount"]
    lines
  end

  private

  def make_image(image)
    File.write(image, "")
    File.truncate(image, 8 << 20)
    system("mkfs.ext4", "-q", "-F", "-I", "128", "-O", "^has_journal", image, %i[out err] => File::NULL)
  end
end

RSpec.configure { |config| config.include CoarseTimes }
