# frozen_string_literal: true

Rails.application.routes.draw do
  get "/post", to: "posts#show"
end
