# frozen_string_literal: true

require "inotify_rs/cli"
require "inotify_rs/rails"
require "inotify_rs/rb_inotify"
require "inotify_rs/rspec"
require "rbs"
require "yard"

# What sig/ signs, what the documentation names and what Ruby has are one and the same.
RSpec.describe "the public names" do
  # `Inotify.watch`, `Inotify::Event#wd`, `Inotify::Flags::IN_OPEN` of a module and of those in it.
  def of_ruby(mod)
    names = mod.singleton_methods(false).map { |name| "#{mod}.#{name}" }
    names += mod.public_instance_methods(false).map { |name| "#{mod}##{name}" }
    mod.constants(false).inject(names) do |found, name|
      value = mod.const_get(name)
      found + ["#{mod}::#{name}"] + (value.is_a?(Module) ? of_ruby(value) : [])
    end
  end

  def of_signatures(members, scope = nil)
    members.flat_map do |member|
      case member
      when RBS::AST::Declarations::Module, RBS::AST::Declarations::Class
        name = [scope, member.name].compact.join("::")
        [name, *of_signatures(member.members, name)]
      when RBS::AST::Declarations::Constant then "#{scope}::#{member.name}"
      when RBS::AST::Members::MethodDefinition then "#{scope}#{member.kind == :instance ? "#" : "."}#{member.name}"
      else []
      end
    end
  end

  # Later versions of RBS put more beside them.
  def declarations(file) = RBS::Parser.parse_signature(File.read(file)).flatten

  # Objects of the documentation, but for those that `.yardopts` hides.
  def of_documentation
    YARD::Registry.clear
    YARD.parse(File.join(Program::ROOT, "lib/**/*.rb"), [], Logger::ERROR)
    YARD::Registry.all(:module, :class, :method, :constant).select { |object| reported?(object) }.map(&:path)
  end

  def reported?(object)
    return true if object.root?

    object.visibility == :public && object.tag(:api)&.text != "private" && !object.docstring.blank? &&
      reported?(object.namespace)
  end

  let(:ruby_names) { [Inotify, INotify].flat_map { |mod| [mod.to_s, *of_ruby(mod)] } }
  let(:signed_names) do
    Dir["#{Program::ROOT}/sig/*.rbs"].flat_map { |file| of_signatures(declarations(file)) }
  end
  # Private in Ruby, as `new` stands for it.
  let(:constructors) do
    %w[Inotify::Instance Inotify::Watcher Inotify::FileUpdateChecker Inotify::FilterError INotify::Notifier
       INotify::Watcher]
      .map { |name| "#{name}#initialize" }
  end

  it "are all signed" do
    expect(signed_names - constructors).to match_array(ruby_names)
  end

  it "are all documented" do
    expect(of_documentation - constructors).to match_array(ruby_names)
  end
end
