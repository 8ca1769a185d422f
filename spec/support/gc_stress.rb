# frozen_string_literal: true

# With INOTIFY_RS_GC_STRESS=1 each allocation of an example starts a minor collection, on a heap that was compacted not
# long before. A full collection each time would take hours. Examples tagged `:slow` make too many objects for it.
module GCStress
  ON = ENV["INOTIFY_RS_GC_STRESS"] == "1"
  MINOR_ONLY = 1
  EXAMPLES_PER_COMPACTION = 10

  @examples = 0

  def self.around(example)
    return example.run unless ON && !example.metadata[:slow]

    compact if (@examples += 1) % EXAMPLES_PER_COMPACTION == 1
    begin
      GC.stress = MINOR_ONLY
      example.run
    ensure
      GC.stress = false
    end
  end

  def self.compact
    GC.compact if GC.respond_to?(:compact)
  end
end
