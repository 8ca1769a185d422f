# frozen_string_literal: true

class PostsController < ActionController::Base
  def show
    @post = Post.new(title: "a")
  end
end
