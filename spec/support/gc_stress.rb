# frozen_string_literal: true

# With INOTIFY_RS_GC_STRESS=1 every example runs while each allocation starts a minor collection, on a heap compacted
# just before. A full collection each time would take minutes. Examples tagged `:slow` make too many objects for it.
module GCStress
  MINOR_ONLY = 1
  ON = ENV["INOTIFY_RS_GC_STRESS"] == "1"

  def self.around(example)
    return example.run unless ON && !example.metadata[:slow]

    GC.compact if GC.respond_to?(:compact)
    begin
      GC.stress = MINOR_ONLY
      example.run
    ensure
      GC.stress = false
    end
  end
end
